// What the server would refuse is told before it is sent, in the person's own language; and who is signed out is asked in.
(() => {
  const {most, words} = window.tunesmith;
  const tell = () => {
    document.getElementById('tm-notice')?.remove();
    const [problem, fix, close] = words[document.documentElement.lang.startsWith('zh') ? 'zh' : 'en'];
    const box = document.createElement('div'), text = document.createElement('div'), away = document.createElement('button');
    const strong = document.createElement('b'), then = document.createElement('p');
    Object.assign(box, {id: 'tm-notice', className: 'tm-failed'}).setAttribute('role', 'alert');
    Object.assign(away, {type: 'button', textContent: '✕', onclick: () => box.remove()}).setAttribute('aria-label', close);
    strong.textContent = problem;
    then.textContent = fix;
    text.append(strong, then);
    box.append(text, away);
    (document.querySelector('.gradio-container') || document.body).append(box);
  };
  const guard = (event, files) => {
    if ([...(files || [])].reduce((sum, file) => sum + file.size, 0) <= most) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.type === 'change') event.target.value = '';
    else event.target.dispatchEvent(new DragEvent('dragleave', {bubbles: true}));
    tell();
  };
  window.addEventListener('change', event => event.target.type === 'file' && guard(event, event.target.files), true);
  window.addEventListener('drop', event => guard(event, event.dataTransfer?.files), true);
  window.addEventListener('paste', event => guard(event, event.clipboardData?.files), true);

  const ask = window.fetch;
  window.fetch = async (...given) => {
    const answer = await ask(...given);
    if (answer.status === 401 && new URL(answer.url).origin === location.origin) location.reload();
    return answer;
  };
})();
