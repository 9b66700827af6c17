"use strict";
const known = new Set();
const list = document.getElementById("messages");
const state = document.getElementById("state");

function part(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function asMail(id, text) {
  const button = part("button", "", "Show the mail");
  let frame = null;
  button.addEventListener("click", () => {
    if (frame) {
      frame.remove();
      frame = null;
    } else {
      frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "");
      frame.title = "The mail as a mail program shows it";
      frame.src = `/inbox/messages/${id}`;
      button.before(frame);
    }
    text.hidden = frame !== null;
    button.textContent = frame ? "Show the text" : "Show the mail";
  });
  return button;
}

function card(message) {
  const article = part("article", known.size ? "fresh" : "", "");
  const line = part("div", "line", "");
  for (const [name, text] of [["channel", message.channel], ["to", message.recipient], ["at", message.created_at + " UTC"], ["template", message.template]]) {
    line.append(part("span", name, text));
  }
  article.append(line);
  if (message.subject) article.append(part("h2", "", message.subject));
  const text = part("pre", "", message.body);
  article.append(text);
  if (message.has_html) article.append(asMail(message.id, text));
  return article;
}

async function refresh() {
  try {
    const answer = await fetch("/inbox/messages");
    const messages = await answer.json();
    const fresh = messages.filter((message) => !known.has(message.id));
    list.prepend(...fresh.map(card));
    for (const message of fresh) known.add(message.id);
    state.textContent = known.size ? "Live." : "Nothing yet.";
  } catch {
    state.textContent = "The server does not answer; trying again.";
  }
  setTimeout(refresh, 700);
}
refresh();
