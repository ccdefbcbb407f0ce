/** What the program is started with to become a process that scans. */
export const SCAN_WORD = 'scan';
