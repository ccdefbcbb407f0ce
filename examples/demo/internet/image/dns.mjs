// A DNS server on UDP 53 that writes each query's name as one line and answers every name with one address.
import { createSocket } from 'node:dgram';

const ANSWER_ADDRESS = [198, 51, 100, 99];

/**
 * The name in the first question, and the offset behind that question.
 * @param {Buffer} message
 */
function question(message) {
  const labels = [];
  let at = 12;
  for (let length = message.readUInt8(at); length !== 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 5 };
}

const socket = createSocket('udp4');
socket.on('message', (message, peer) => {
  const { name, end } = question(message);
  process.stdout.write(`${name}\n`);
  const header = Buffer.from([message.readUInt8(0), message.readUInt8(1), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...ANSWER_ADDRESS]);
  socket.send(Buffer.concat([header, message.subarray(12, end), record]), peer.port, peer.address);
});
socket.bind(53);
