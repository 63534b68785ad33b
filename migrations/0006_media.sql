CREATE TABLE "media" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"content_type" text NOT NULL,
	"size" bigint NOT NULL,
	"name" text,
	"width" integer,
	"height" integer,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ready_at" timestamp (3) with time zone,
	"claimed_at" timestamp (3) with time zone,
	"claimed_conversation_id" uuid,
	"claimed_message_id" uuid,
	"unused_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "media_uses" (
	"media_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"is_archived" boolean DEFAULT false NOT NULL,
	CONSTRAINT "media_uses_media_id_conversation_id_message_id_pk" PRIMARY KEY("media_id","conversation_id","message_id")
);
--> statement-breakpoint
CREATE INDEX "media_owner" ON "media" USING btree ("owner_id") WHERE "media"."unused_at" is null;--> statement-breakpoint
CREATE INDEX "media_unclaimed" ON "media" USING btree ("created_at") WHERE "media"."claimed_at" is null and "media"."unused_at" is null;--> statement-breakpoint
CREATE INDEX "media_unused" ON "media" USING btree ("unused_at") WHERE "media"."unused_at" is not null;--> statement-breakpoint
CREATE INDEX "media_uses_message" ON "media_uses" USING btree ("conversation_id","message_id");--> statement-breakpoint
CREATE INDEX "media_uses_awaited" ON "media_uses" USING btree ("at") WHERE not "media_uses"."is_archived";--> statement-breakpoint
CREATE INDEX "messages_media" ON "messages" USING btree ("conversation_id","sequence") WHERE "messages"."media" <> '[]'::jsonb;