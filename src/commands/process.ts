/** This process as commands see it: its environment, its signals, and the terminal that it runs in. */

import { text } from 'node:stream/consumers';
import type { Terminal } from './command.ts';
import type { World } from './session.ts';

/** The world of this very process. From then on a reader that has seen enough of standard output ends it. */
export function processWorld(): World {
  return {
    env: process.env,
    terminal: processTerminal(),
    now: () => new Date(),
    onSignal(callback) {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, callback);
    },
    onHangup: (callback) => void process.on('SIGHUP', callback),
    exit: (code) => process.exit(code),
  };
}

function processTerminal(): Terminal {
  // Whoever reads may have seen enough, as `head` has.
  process.stdout.on('error', (fault: NodeJS.ErrnoException) => process.exit(fault.code === 'EPIPE' ? 0 : 1));
  return {
    out: (line) => process.stdout.write(`${harmless(line)}\n`),
    err: (line) => process.stderr.write(`${harmless(line)}\n`),
    read: (prompt) => (process.stdin.isTTY ? typedUnseen(prompt) : text(process.stdin)),
    input: () => process.stdin,
  };
}

/**
 * Without what a terminal obeys or turns the other way round: names are what people, or files of others, say they are. Line breaks are
 * left, as commands write them.
 */
const harmless = (text: string): string => text.replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, '\ufffd');

/** One line from the keyboard, none of which is shown. Ctrl-C ends the process, as it does everywhere. */
async function typedUnseen(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true).setEncoding('utf8');
  let typed = '';
  try {
    for await (const keys of stdin) {
      for (const key of String(keys)) {
        if (key === '\r' || key === '\n' || key === '\u0004') return typed;
        if (key === '\u0003') process.exit(130);
        typed = key === '\u007f' || key === '\b' ? [...typed].slice(0, -1).join('') : typed + key;
      }
    }
    return typed;
  } finally {
    stdin.setRawMode(false);
    stderr.write('\n');
  }
}
