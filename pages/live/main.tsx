import { render } from 'preact';
import { App } from './parts/app.tsx';
import { startClock } from './state/clock.ts';
import { startDetails } from './state/details.ts';
import { startRestores } from './state/restores.ts';
import { startScreen } from './state/screen.ts';
import { startSession } from './state/session.ts';
import './styles/live.css';

const { embedded, explorer } = document.documentElement.dataset;
const isEmbedded = embedded !== undefined;

startScreen();
startClock();
startRestores();
startDetails();
render(<App isEmbedded={isEmbedded} hasExplorer={explorer !== undefined} />, document.body);
await startSession(isEmbedded);
