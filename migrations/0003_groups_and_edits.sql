CREATE TABLE "invites" (
	"conversation_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"max_uses" integer,
	"uses" integer NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"version" bigint NOT NULL,
	CONSTRAINT "invites_conversation_id_id_pk" PRIMARY KEY("conversation_id","id")
);
--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "is_barred" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "edited_sequence" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "conversations_deleted" ON "conversations" USING btree ("deleted_at") WHERE "conversations"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "conversations_public_words" ON "conversations" USING gin ((to_tsvector('russian', coalesce(translate("title", 'ёЁ', 'еЕ'), '')) || to_tsvector('english', coalesce(translate("title", 'ёЁ', 'еЕ'), '')) || to_tsvector('simple', coalesce(translate("title", 'ёЁ', 'еЕ'), '')))) WHERE "conversations"."public" and "conversations"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "conversations_public_letters" ON "conversations" USING gin (translate("title", 'ёЁ', 'еЕ') gin_trgm_ops) WHERE "conversations"."public" and "conversations"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "users_name_letters" ON "users" USING gin (translate("name", 'ёЁ', 'еЕ') gin_trgm_ops);