export { composeDocuments } from './document.ts';
