/** The demo's people and clients, put into empty records. */

import { availableParallelism } from 'node:os';
import { demoClients, demoPassword, demoPeople } from '../config/demo.ts';
import type { Settings } from '../config/settings.ts';
import { createPasswords } from '../src/passwords/passwords.ts';
import type { Records } from '../src/records/records.ts';

/** Adds them. `port`: Kapu's port, from which the demo service's addresses follow. */
export async function seed(records: Records, settings: Settings, port: number): Promise<void> {
  const passwords = createPasswords({
    settings: settings.password,
    peppers: settings.secrets.peppers,
    cores: availableParallelism(),
    now: () => new Date(),
  });
  for (const { client_id, ...metadata } of demoClients(port)) await records.clients.put(String(client_id), metadata);
  for (const person of demoPeople) {
    const made = await passwords.hash(demoPassword);
    if (made.outcome === 'hashed') await records.accounts.add({ ...person }, made.hash);
  }
}
