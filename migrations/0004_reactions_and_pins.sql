CREATE TABLE "pins" (
	"conversation_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"sequence" bigint NOT NULL,
	"is_on" boolean NOT NULL,
	CONSTRAINT "pins_conversation_id_message_id_pk" PRIMARY KEY("conversation_id","message_id")
);
--> statement-breakpoint
CREATE TABLE "reactions" (
	"conversation_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"emoji" text NOT NULL,
	"user_id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"is_on" boolean NOT NULL,
	CONSTRAINT "reactions_conversation_id_message_id_emoji_user_id_pk" PRIMARY KEY("conversation_id","message_id","emoji","user_id")
);
