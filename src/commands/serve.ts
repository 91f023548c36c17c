/** `kapu serve`: runs the server until a signal ends it, and says plainly why it cannot. */

import type { Settings } from '../../config/settings.ts';
import type { Records } from '../records/records.ts';
import { Refused } from './command.ts';
import { demoPeopleIn } from './demo-people.ts';
import { type StoppingEffects, stopOnSignals } from './stopping.ts';

/** As much of the composed server as this command uses. */
export interface Server {
  records: Pick<Records, 'accounts'>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Looks whether the signing keys have changed. */
  reload(): Promise<void>;
}

export interface ServeEffects extends StoppingEffects {
  settings: Settings;
  compose(): Promise<Server>;
  /** Calls back at each SIGHUP. */
  onHangup(callback: () => void): void;
}

/** A second over the patience: what is left then was cut off, and its connections are closing. */
export const grace = 1_000;

/** Resolves when the server is up. The first signal stops it gently and ends the process with 0, the second at once with 1. */
export async function serve(effects: ServeEffects): Promise<void> {
  const { settings, compose, onHangup } = effects;
  const server = await compose();
  try {
    await refuseDemoPeople(settings, server.records);
    await server.start();
  } catch (fault) {
    await server.stop();
    throw portTaken(fault) ?? fault;
  }
  onHangup(() => void server.reload());
  stopOnSignals({ stop: () => server.stop(), patience: settings.shutdownPatience * 1000 + grace }, effects);
}

async function refuseDemoPeople({ mode }: Settings, records: Pick<Records, 'accounts'>): Promise<void> {
  if (mode !== 'production') return;
  const names = await demoPeopleIn(records);
  if (names.length === 0) return;
  throw new Refused(
    `the demo's people can sign in to this database: ${names.join(', ')}`,
    `use a database of its own, or \`kapu account disable ${names[0]}\` and so on`,
  );
}

/** A refusal in place of the system's fault, when a port cannot be had. */
export function portTaken(fault: unknown): Refused | undefined {
  const { code, port, address } = fault as NodeJS.ErrnoException & { port?: number; address?: string };
  const where = `port ${port} on ${address}`;
  const hint = 'set another listen or operations';
  if (code === 'EADDRINUSE') return new Refused(`${where} is taken`, `end what listens there, or ${hint}`);
  if (code === 'EACCES') return new Refused(`${where} may not be used by this user`, hint);
  if (code === 'EADDRNOTAVAIL') return new Refused(`this machine has no address ${address}`, hint);
  return undefined;
}
