/** What is looked for: it stays while one reads what was found. */
import { cell } from "../../client/observable.ts";
import { client } from "../client.ts";

export const searchText = cell("");

client.session.state.subscribe(({ status }) => status === "signed-out" && searchText.set(""));
