// Passkeys: asks the server what the browser is to do, has the browser do it, and sends what comes of it with the page's form.
// A form says what it is for in `data-passkey`, 'get' or 'create', and where to ask in `data-options`. A quiet one, beside the form
// of another method, waits until the person picks a passkey where the browser offers to fill in a user name.

const able = typeof PublicKeyCredential === 'function' && navigator.credentials !== undefined;

// Browsers that convert by themselves are younger than many phones.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const named = (list = []) => list.map((each) => ({ ...each, id: toBytes(each.id) }));

async function optionsFor(form) {
  const answer = await fetch(form.dataset.options, { method: 'POST', redirect: 'error' }).catch(() => undefined);
  // Not this visit's page any more: the server knows what comes in its place.
  if (answer?.status === 410) return form.dataset.quiet === undefined ? location.reload() : undefined;
  if (!answer?.ok) throw new DOMException('', 'NetworkError');
  const options = await answer.json();
  const bytes = { challenge: toBytes(options.challenge) };
  if (options.user) bytes.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.allowCredentials) bytes.allowCredentials = named(options.allowCredentials);
  if (options.excludeCredentials) bytes.excludeCredentials = named(options.excludeCredentials);
  return { ...options, ...bytes };
}

function fieldsOf({ rawId, response }) {
  const common = { id: toText(rawId), 'client-data': toText(response.clientDataJSON) };
  return response.attestationObject
    ? {
        ...common,
        attestation: toText(response.attestationObject),
        transports: response.getTransports?.().join(' ') ?? '',
      }
    : {
        ...common,
        'authenticator-data': toText(response.authenticatorData),
        signature: toText(response.signature),
        'user-handle': response.userHandle ? toText(response.userHandle) : '',
      };
}

/** Has the browser do what the form is for, and sends the form. False where there is nothing to do any more. */
async function run(form, more = {}) {
  const publicKey = await optionsFor(form);
  if (!publicKey) return false;
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey, ...more });
  for (const [name, value] of Object.entries(fieldsOf(credential))) {
    const input = document.createElement('input');
    Object.assign(input, { type: 'hidden', name, value });
    form.append(input);
  }
  form.submit();
  return true;
}

/** What is said of each fault, by its name. */
const words = {
  NotAllowedError: 'cancelled',
  AbortError: 'cancelled',
  InvalidStateError: 'already',
  NotSupportedError: 'incapable',
  ConstraintError: 'incapable',
  NetworkError: 'unreachable',
};

function openly(form) {
  const button = form.querySelector('[data-variant="primary"]');
  const said = form.querySelector('.said');
  const say = (what) => {
    const known = said.dataset[what] ? what : 'unusable';
    said.dataset.said = known;
    said.textContent = said.dataset[known];
  };
  if (!able) {
    say('unsupported');
    button.hidden = true;
    return;
  }
  let busy = false;
  // Enter in a field of the form presses it as well; the other buttons need no passkey.
  button.addEventListener('click', async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    say('waiting');
    try {
      await run(form);
    } catch (fault) {
      say(words[fault?.name] ?? 'unusable');
      busy = false;
    }
  });
}

// A challenge lives for five minutes, and a page may stand longer.
const renewal = 4 * 60 * 1000;

async function quietly(form) {
  const offered = document.querySelector('input[autocomplete~="webauthn"]');
  if (!able || !offered || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  for (let goesOn = true; goesOn; ) {
    const turn = new AbortController();
    const timer = setTimeout(() => turn.abort(), renewal);
    try {
      await run(form, { mediation: 'conditional', signal: turn.signal });
      goesOn = false;
    } catch {
      // Only a turn that is over is followed by another: what the browser or the person does not want is not asked again.
      goesOn = turn.signal.aborted;
    }
    clearTimeout(timer);
  }
}

// Come back to, a page stands as it was left: busy, and with a challenge that is used up.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());

for (const form of document.querySelectorAll('form[data-passkey]'))
  if (form.dataset.quiet === undefined) openly(form);
  else void quietly(form);
