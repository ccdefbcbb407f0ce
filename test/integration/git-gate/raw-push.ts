/** A client of receive-pack that sends what git's own never would (gitprotocol-pack(5)). */

/** Runs at the client, in its directory. */
const PROGRAM = `
const { connect } = require('node:net'); const { readFileSync } = require('node:fs');
const [host, path, pack, ...lines] = process.argv.slice(2);
const pkt = (text) => (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
const socket = connect(9418, host, () => socket.write(pkt('git-receive-pack ' + path + '\\0host=' + host + '\\0')));
let rest = Buffer.alloc(0), sent = false;
socket.on('data', (chunk) => {
  rest = Buffer.concat([rest, chunk]);
  while (rest.length >= 4) {
    const length = parseInt(rest.subarray(0, 4).toString(), 16);
    if (length > rest.length) return;
    const text = rest.subarray(4, Math.max(4, length));
    rest = rest.subarray(Math.max(4, length));
    if (sent || text.subarray(0, 4).toString() === 'ERR ') { process.stdout.write(text); continue; }
    if (length !== 0) continue;
    sent = true;
    let first = true;
    for (const line of lines) {
      const command = !line.startsWith('shallow ') && first;
      if (command) first = false;
      socket.write(pkt(command ? line + '\\0 report-status object-format=sha1 agent=raw' : line));
    }
    socket.write('0000');
    if (pack !== '') socket.write(readFileSync(pack));
  }
});
socket.on('error', (error) => { process.stdout.write(String(error)); });
socket.on('close', () => process.exit(0));
`;

/** Shell: makes `raw_push <repository> <pack file or nothing> <line>...`, which prints what receive-pack answers. */
export const RAW_PUSH = `cat >/tmp/raw-push.cjs <<'PROGRAM'${PROGRAM}PROGRAM
zero=0000000000000000000000000000000000000000
raw_push() { repository=$1; shift; timeout 120 node /tmp/raw-push.cjs "\${gate#git://}" "/$repository.git" "$@"; echo; }
`;
