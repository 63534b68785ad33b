import { createApp } from "./http/app.ts";
import { sweep } from "./http/scheduled.ts";

export { ConversationObject } from "./objects/conversation.ts";
export { UserObject } from "./objects/user.ts";

// biome-ignore lint/style/noDefaultExport: the platform reads the Worker from the default export.
export default {
  fetch: createApp().fetch,
  scheduled: (_controller, env) => sweep(env),
} satisfies ExportedHandler<Parameters<typeof sweep>[0]>;
