import { createApp } from "./http/app.ts";

export { ConversationObject } from "./objects/conversation.ts";
export { UserObject } from "./objects/user.ts";

// biome-ignore lint/style/noDefaultExport: the platform reads the Worker from the default export.
export default { fetch: createApp().fetch };
