/** One of the processes of `kapu serve --workers N`: a server like any other, but that it takes its orders, and its turns to hash, from
 *  the one that started it, and has that one answer on the operations port. */

import type { Settings } from '../../config/settings.ts';
import type { Kapu, Parts } from '../compose.ts';
import { createLog } from '../log.ts';
import type { Upward } from '../workers/messages.ts';
import { answerTo } from '../workers/questions.ts';
import { turnsFrom } from '../workers/turns.ts';
import { type ServeEffects, serve } from './serve.ts';

export interface ServeAsWorkerEffects extends Omit<ServeEffects, 'compose'> {
  settings: Settings;
  number: number;
  supervisor: Upward;
  compose(settings: Settings, parts: Parts): Promise<Kapu>;
  now(): Date;
}

/** Resolves when it is up, and has said so. */
export async function serveAsWorker(effects: ServeAsWorkerEffects): Promise<void> {
  const { settings, number, supervisor, compose, now, onSignal, onHangup } = effects;
  const log = createLog({ ...settings.log, worker: number });
  const kapu = await compose(settings, { log, queue: turnsFrom(supervisor, now), operationsElsewhere: true });
  await serve({
    ...effects,
    compose: async () => kapu,
    // Service managers tell every process, and the supervisor tells its workers: the second time says nothing new.
    onSignal(callback) {
      let told = false;
      const once = () => {
        if (!told) callback();
        told = true;
      };
      onSignal(once);
      supervisor.onMessage(({ kapu: order }) => order === 'stop' && once());
    },
    onHangup(callback) {
      onHangup(callback);
      supervisor.onMessage(({ kapu: order }) => order === 'reload' && callback());
    },
  });
  answerTo(supervisor, { ready: kapu.ready, numbers: kapu.numbers }, log);
  supervisor.send({ kapu: 'up' });
}
