/** A document for React. Everything else, such as fetch and WebSocket, is Node's own. */
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<!doctype html><body></body>', { url: 'http://localhost' });
const { document, FormData, HTMLElement, MutationObserver } = window;
Object.assign(globalThis, { window, document, FormData, HTMLElement, MutationObserver });
