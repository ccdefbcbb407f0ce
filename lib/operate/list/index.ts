export * from './deployed-bottles.ts';
