import { killedAtEveryWrite } from './kapu-killed.ts';

killedAtEveryWrite('plus', 12);
