// The conversation: what is sent is drawn at once, and the newest is kept in sight of whoever reads there.
const log = () => element.querySelector('.tm-log');
const view = () => document.querySelector('#tm-view');
const box = () => document.querySelector('#tm-box textarea');
let sent = [], project = null, heard = null, height = 0, follow = true, low = true, parts = 0;

const mark = (name, kind, text) => {
  const node = document.createElement(name);
  node.className = kind;
  if (text !== undefined) node.textContent = text;
  return node;
};
const drawn = text => {
  const turn = mark('article', 'tm-exchange tm-sent'), you = mark('div', 'tm-you'), answer = mark('div', 'tm-answer');
  you.append(mark('p', '', text));
  const working = mark('p', 'tm-working');
  working.append(mark('i', ''), mark('i', ''), mark('i', ''), log().dataset.working);
  answer.append(working);
  turn.append(you, answer);
  return turn;
};
// Until the server has heard it, what was sent stands behind all else. Who reads further up is left there.
const settle = () => {
  const here = log();
  if (!here) return;
  const seen = here.clientHeight > 0;  // a phone shows one side at a time
  if (seen || follow) low = follow || here.scrollTop + here.clientHeight > height - 60;
  if (here.dataset.heard !== heard) sent = [];
  heard = here.dataset.heard;
  const moved = here.dataset.project !== project;
  if (moved) {
    project = here.dataset.project;
    const address = new URL(window.location);
    address.searchParams.set('project', here.dataset.project);
    window.history.replaceState(null, '', address);
  }
  document.documentElement.lang = here.dataset.language === 'zh' ? 'zh-CN' : 'en';
  named(here.dataset.language);
  here.querySelectorAll('.tm-sent').forEach(node => node.remove());
  sent.forEach(text => here.append(drawn(text)));
  const told = here.querySelectorAll('.tm-answer > *').length;
  if (!seen && !moved && told > parts) view()?.classList.add('tm-news');
  parts = told;
  if (moved) low = true;
  if (seen) {
    if (low) here.scrollTop = here.scrollHeight;
    height = here.scrollHeight;
  }
  follow = false;
};
// Gradio names its own buttons in English alone.
const named = language => Object.entries(names).forEach(([button, called]) =>
  document.querySelectorAll(`#tm-box ${button}`).forEach(node => node.setAttribute('aria-label', called[language])));
// Where the conversation was left at its newest line, it is found there again, whatever was told meanwhile.
new ResizeObserver(() => {
  const here = log();
  if (!here?.clientHeight) return;
  view()?.classList.remove('tm-news');
  if (low) here.scrollTop = here.scrollHeight;
  height = here.scrollHeight;
}).observe(element);
element.addEventListener('scroll', event => {
  if (event.target === log() && log().clientHeight) low = log().scrollTop + log().clientHeight > log().scrollHeight - 60;
}, true);
const sending = text => {
  if (!log() || !text.trim()) return;
  log().querySelector('.tm-refused')?.remove();
  sent.push(text.trim());
  follow = true;
  settle();
};

element.addEventListener('click', event => {
  const answer = event.target.closest('[data-act="answer"]'), example = event.target.closest('[data-write]');
  if (answer && !answer.disabled) {
    answer.closest('.tm-choices').querySelectorAll('button').forEach(node => { node.disabled = true; });
    sending(answer.dataset.value);
    if (matchMedia('(hover: hover)').matches) box()?.focus();
  }
  if (example && box()) {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(box(), example.dataset.value);
    box().dispatchEvent(new Event('input', {bubbles: true}));
    box().focus();
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.target === box()) sending(box().value);
}, true);
document.addEventListener('click', event => {
  if (event.target.closest('#tm-box .submit-button')) sending(box()?.value || '');
}, true);
watch('value', settle);
settle();
// A menu that is left is closed.
const close = event => document.querySelectorAll('.tm-menu[open]').forEach(menu => {
  if (event.key === 'Escape') { menu.open = false; menu.querySelector('summary').focus(); }
  if (event.type === 'click' && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener('click', close);
document.addEventListener('keydown', close);
