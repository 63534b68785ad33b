import "./failing.ts"; // first, so that it hears also of what fails in the others
import { render } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/ui.css";
import "./styles/list.css";
import "./styles/shell.css";
import "./styles/sign-in.css";
import "./styles/settings.css";
import "./styles/conversation.css";
import "./styles/history.css";
import "./styles/message.css";
import "./styles/media.css";
import "./styles/composer.css";
import "./styles/details.css";
import { App } from "./app.tsx";
import { followKeyboard } from "./keyboard-space.ts";
import { place, placeOf } from "./navigation.ts";
import { takeArrival } from "./sign-in/google.ts";
import { applyTheme } from "./theme.ts";

applyTheme();
followKeyboard();
const arrival = takeArrival();
if (arrival) place.set(placeOf(location));
const root = document.getElementById("app");
if (root) render(<App arrival={arrival} />, root);
