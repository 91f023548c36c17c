// Asks the server how the mail with the code is doing, until it is sent or has failed, and shows the text that the
// page has prepared for that. Without this script the page goes on saying what it said when it was loaded.

const region = document.querySelector('[data-status-url]');
const pause = 2000;
const patience = 10 * 60 * 1000;
const started = Date.now();

async function look() {
  let delivery = 'sending';
  try {
    const answer = await fetch(region.dataset.statusUrl, {
      headers: { accept: 'application/json' },
      redirect: 'error',
    });
    if (answer.ok) delivery = (await answer.json()).delivery;
  } catch {
    // The line may be down for a moment; the next look tells.
  }
  if (delivery === 'sent' || delivery === 'failed') {
    region.dataset.delivery = delivery;
    region.textContent = region.dataset[delivery];
  } else if (delivery === 'sending' && Date.now() - started < patience) {
    setTimeout(look, pause);
  }
}

if (region?.dataset.delivery === 'sending') setTimeout(look, pause);

// How long to wait for another code is true only until that time has passed.
const wait = document.querySelector('[data-wait-seconds]');
if (wait) setTimeout(() => wait.remove(), wait.dataset.waitSeconds * 1000);
