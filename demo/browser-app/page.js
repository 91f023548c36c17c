/** The page of the browser app: shows one of its parts at a time. How people sign in is in sign-in.js. */

import { createSignIn } from './sign-in.js';

const main = document.querySelector('main');
const { lang: locale } = document.documentElement;
const here = `${location.origin}${location.pathname}`;
const signIn = createSignIn({
  issuer: main.dataset.issuer,
  clientId: main.dataset.client,
  redirectUri: here,
  postLogoutRedirectUri: here,
});
/** The levels that are good enough to hand in a return. */
const enough = ['plus'];

/** Who is signed in. In memory only: when the page is loaded anew, Kapu knows the person and asks nothing. */
let person;

main.addEventListener('click', (event) => {
  const { action } = event.target.dataset;
  if (action === 'sign-in') leaveFor(() => signIn.begin({ returnTo: '', locale }));
  if (action === 'step-up') leaveFor(() => signIn.begin({ level: 'plus', returnTo: '#submit', locale }));
  if (action === 'sign-out') {
    const { idToken } = person;
    person = undefined;
    leaveFor(() => signIn.endUrl(idToken, locale));
  }
});

await arrive();

/** Takes what came back from Kapu, if anything did, and shows where that leaves the person. */
async function arrive() {
  const callback = new URL(location.href);
  // The code is of no use to whoever reads the history, or reloads.
  history.replaceState(null, '', here + callback.hash);
  try {
    person = await signIn.finish(callback);
    if (!person) return show('signed-out');
    const { name } = await signIn.about(person);
    history.replaceState(null, '', here + person.returnTo);
    const { sub, acr, amr, auth_time: authTime } = person.claims;
    const at = new Date(authTime * 1000).toLocaleString(locale);
    fill({ name, sub, acr, amr: amr.join(' '), at });
    show('signed-in', enough.includes(acr) ? 'open' : 'closed');
    if (person.returnTo) document.querySelector(person.returnTo).focus();
  } catch (fault) {
    fail(fault);
  }
}

async function leaveFor(where) {
  try {
    location.assign(await where());
  } catch (fault) {
    fail(fault);
  }
}

function fail(fault) {
  console.warn(fault);
  if (fault.error === 'access_denied') show('failed', 'cancelled');
  else if (fault.error === 'unmet_authentication_requirements' || fault.name === 'LevelNotReached')
    show('failed', 'unmet');
  else if (fault.name === 'UnknownAttempt') show('failed', 'unknown');
  else show('failed', 'refused');
}

/** Shows the parts of these names, and no other. */
function show(...names) {
  for (const part of main.querySelectorAll('[data-part]')) part.hidden = !names.includes(part.dataset.part);
}

/** Puts texts, as texts, where the page has room for them. */
function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    for (const place of main.querySelectorAll(`[data-value="${name}"]`)) place.textContent = value ?? '–';
  }
}
