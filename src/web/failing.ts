/** The last resort: where nothing could be drawn at all, words and not a white page. It needs nothing that could fail, too. */
const words = /^ru/.test(navigator.language)
  ? ["Не получилось открыть PingMe.", "Загрузить снова"]
  : ["PingMe could not be opened.", "Load again"];

addEventListener("error", () => {
  const root = document.getElementById("app");
  if (!root || root.childElementCount > 0) return;
  const [text, button] = [document.createElement("p"), document.createElement("button")];
  [text.textContent, button.textContent] = [words[0] ?? "", words[1] ?? ""];
  button.className = "button primary";
  button.addEventListener("click", () => location.reload());
  const page = document.createElement("main");
  page.className = "page";
  page.append(text, button);
  root.append(page);
});
