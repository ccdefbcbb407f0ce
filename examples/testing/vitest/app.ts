import { app } from './bottle.ts';

app.synth();
