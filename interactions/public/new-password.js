// Tells how good a new password is while it is being typed: asks the server, which judges by the rules that it will apply
// in the end. Without this script a button does the same.

const place = document.querySelector('.strength[data-ask-at]');
const field = document.getElementById('new-password');
const meter = document.getElementById('strength');
const words = place?.querySelector('.strength-words');
const pause = 400;
let timer;
let asked = 0;

async function ask() {
  const mine = ++asked;
  let told = { words: '' };
  try {
    const body = new URLSearchParams({ 'new-password': field.value });
    const answer = await fetch(place.dataset.askAt, { method: 'POST', body, redirect: 'error' });
    if (answer.ok) told = await answer.json();
  } catch {
    // The line may be down for a moment; the form itself is judged in any case.
  }
  // What has been typed meanwhile is asked for anew.
  if (mine !== asked) return;
  words.textContent = told.words ?? '';
  meter.parentElement.hidden = told.score === undefined;
  if (told.score !== undefined) meter.value = told.score + 1;
}

if (place && field) {
  document.querySelector('button[name="check"]')?.setAttribute('hidden', '');
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  });
}
