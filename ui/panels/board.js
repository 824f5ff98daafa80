// Runs once, on the panel's element. Whatever carries data-act tells the server when it is used; nothing is decided here.
const tell = (node, more) => trigger('click', {act: node.dataset.act, value: node.dataset.value || '', ...more});
const fields = form => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
const typing = node => !!node && (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) || node.isContentEditable);
let waiting = null, held = null;

element.addEventListener('click', event => {
  const node = event.target.closest('[data-act]');
  const form = node && node.closest('form');
  const more = form ? fields(form) : node && node.dataset.agreed ? {agreed: node.dataset.agreed} : {};
  if (node && node.tagName !== 'FORM' && !node.disabled) tell(node, {fields: more});
});
element.addEventListener('submit', event => {
  event.preventDefault();
  clearTimeout(waiting);
  tell(event.target, {fields: fields(event.target)});
  if ('clear' in event.target.dataset) event.target.reset();
  keep();
});
// A form marked data-live is told while it is filled in: at once where something is chosen, after a pause while typing.
element.addEventListener('input', event => {
  const form = event.target.closest('form[data-live]');
  if (!form || event.target.type === 'range') return;
  clearTimeout(waiting);
  waiting = setTimeout(() => tell(form, {fields: fields(form)}), event.target.type === 'search' ? 250 : 0);
});
// A slider says its value while it is moved, and is told once it rests: a panel drawn anew would take it out of the hand.
element.addEventListener('input', event => {
  const said = event.target.type === 'range' && event.target.closest('label')?.querySelector('output');
  if (said) said.textContent = `${event.target.value}%`;
});
element.addEventListener('change', event => {
  const form = event.target.type === 'range' && event.target.closest('form[data-live]');
  if (form) tell(form, {fields: fields(form)});
});
// Who types in a form sends it by Ctrl+Enter and leaves it by Escape.
element.addEventListener('keydown', event => {
  const form = event.target.closest('form');
  if (event.isComposing || !form || !typing(event.target)) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
  if (event.key !== 'Escape') return;
  const way = form.querySelector('[data-key="Escape"]');
  if (way) way.click(); else event.target.blur();
});
// One key does one thing, while nobody types: the first that is visible and carries it. A choice among several (a tab)
// that has the focus leaves all but its arrows to them.
const choosing = node => !!node && /^(radio|checkbox)$/.test(node.type);
document.addEventListener('keydown', event => {
  const at = document.activeElement;
  // A key that is held would answer for rows that nobody has seen.
  if (event.repeat) {
    if (event.key === 'Enter' && at && at.closest('button[data-act]')) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || (typing(at) && !choosing(at))) return;
  if (choosing(at) && (event.key.startsWith('Arrow') || event.key === ' ')) return;
  const node = [...element.querySelectorAll('[data-key]')].find(
    one => one.dataset.key.toLowerCase().split(' ').includes(event.key.toLowerCase()) && one.offsetParent);
  if (node) { event.preventDefault(); node.click(); }
});
// Something to fill in that has just appeared is where one goes on.
let entered = null;
const enter = () => {
  const node = element.querySelector('[data-focus]');
  if (node && node.id !== entered) { node.focus(); node.select?.(); }
  entered = node ? node.id : null;
};
watch('value', enter);
// A panel that is drawn anew must not take away what somebody is typing, nor where they are.
element.addEventListener('focusin', () => keep());
element.addEventListener('input', () => keep());
element.addEventListener('keyup', () => keep());
// The focus also goes out of what a drawing takes away: only somebody who goes elsewhere has left.
element.addEventListener('focusout', event => { if (event.relatedTarget && !element.contains(event.relatedTarget)) held = null; });
document.addEventListener('pointerdown', event => { if (!element.contains(event.target)) held = null; });
// A button has no id: it is known by what it does, and by which of those it is.
const alike = act => [...element.querySelectorAll(`[data-act="${CSS.escape(act)}"]`)];
const again = before => {
  if (before.id) return document.getElementById(before.id);
  const same = alike(before.act);
  return same.find(one => one.dataset.value === before.value) || same[before.place];
};
const keep = () => {
  const at = document.activeElement;
  const known = at && element.contains(at) && (at.id || at.dataset.act);
  held = known ? {id: at.id, act: at.dataset.act, value: at.dataset.value, place: at.dataset.act ? alike(at.dataset.act).indexOf(at) : 0,
    text: typing(at) ? at.value : null, at: at.selectionStart ?? null} : null;
};
watch('value', () => {
  if (!held) {
    const first = element.querySelector('[autofocus]');
    if (first && (!typing(document.activeElement) || choosing(document.activeElement))) first.focus();
    return;
  }
  const before = held, node = again(before);
  if (!node || !element.contains(node)) return;
  if (before.text !== null && node.type !== 'checkbox' && node.type !== 'radio') node.value = before.text;
  node.focus({preventScroll: true});
  if (before.at !== null && node.setSelectionRange && /^(text|search|textarea)$/.test(node.type)) node.setSelectionRange(before.at, before.at);
});
