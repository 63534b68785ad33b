CREATE FUNCTION message_keys(conversation_id uuid, words tsvector) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100 AS $$
	SELECT array_to_tsvector(array(
		SELECT right(conversation_id::text, 8) || left(word, 40) FROM unnest(tsvector_to_array(words)) AS word
	))
$$;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "words" "tsvector" GENERATED ALWAYS AS (to_tsvector('russian', translate("messages"."content", 'ёЁ!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', 'еЕ                                ')) || setweight(to_tsvector('simple', translate("messages"."content", 'ёЁ!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', 'еЕ                                ')), 'A')) STORED;--> statement-breakpoint
CREATE INDEX "messages_times" ON "messages" USING btree ("conversation_id","created_at","sequence");--> statement-breakpoint
CREATE INDEX "messages_words" ON "messages" USING gin (message_keys("conversation_id", "words")) WITH (fastupdate=false) WHERE not "messages"."is_deleted";