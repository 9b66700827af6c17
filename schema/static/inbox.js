"use strict";
const known = new Set();
const list = document.getElementById("messages");
const state = document.getElementById("state");
const about = document.getElementById("about");
const older = document.getElementById("older");
let turn = 0;
let oldest = null;

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

async function ask(before) {
  const wanted = new URLSearchParams({ about: about.value.trim() });
  if (before) wanted.set("before", before);
  const answer = await fetch(`/inbox/messages?${wanted}`);
  return answer.json();
}

function show(messages, put) {
  const fresh = messages.filter((message) => !known.has(message.id));
  put(...fresh.map(card));
  for (const message of fresh) {
    known.add(message.id);
    if (!oldest || message.id < oldest) oldest = message.id;
  }
  return fresh.length;
}

async function refresh() {
  const mine = turn;
  try {
    const messages = await ask(null);
    if (mine === turn) {
      const first = known.size === 0;
      show(messages, (...cards) => list.prepend(...cards));
      if (first) older.hidden = messages.length < 100;
      state.textContent = known.size ? "Live." : "Nothing yet.";
    }
  } catch {
    state.textContent = "The server does not answer; trying again.";
  }
  setTimeout(refresh, 700);
}

older.addEventListener("click", async () => {
  const mine = turn;
  const messages = await ask(oldest);
  if (mine === turn) older.hidden = show(messages, (...cards) => list.append(...cards)) < 100;
});
about.addEventListener("input", () => {
  turn += 1;
  known.clear();
  oldest = null;
  list.replaceChildren();
});
document.getElementById("search").addEventListener("submit", (event) => event.preventDefault());
refresh();
