/** The limit of POP3: a bare TLS socket with many RETR on the way at once (RFC 2449 section 6.6), throwing away what comes. */
import { connect } from 'node:tls';
import { runReader } from '../../child.mjs';

const IN_FLIGHT = 50;
const END = Buffer.from('\r\n.\r\n');

await runReader(({ pop3, address, password }) => ({
  warm: () => session(pop3, address, password, false),
  read: () => session(pop3, address, password, true),
}));

function session(pop3, address, password, all) {
  return new Promise((resolve, reject) => {
    const socket = connect(pop3);
    let step = 0;
    let total = 0;
    let asked = 0;
    let ended = 0;
    let bytes = 0;
    let carry = Buffer.alloc(0);
    const ask = () => {
      let commands = '';
      while (asked < total && asked - ended < IN_FLIGHT) commands += `RETR ${++asked}\r\n`;
      if (commands !== '') socket.write(commands);
    };
    const finish = () => {
      socket.end('QUIT\r\n');
      resolve({ bytes, messages: ended });
    };
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
    socket.on('data', (chunk) => {
      if (step < 4) {
        const line = chunk.toString('latin1');
        if (!line.startsWith('+OK')) return socket.destroy(new Error(line));
        if (step === 3) {
          total = all ? Number(line.split(' ')[1]) : 0;
          if (total === 0) finish();
          else ask();
        } else socket.write([`USER ${address}\r\n`, `PASS ${password}\r\n`, 'STAT\r\n'][step]);
        step += 1;
        return undefined;
      }
      bytes += chunk.length;
      const joint = Buffer.concat([carry, chunk.subarray(0, END.length - 1)]);
      // A terminator that lies across two chunks, then those within this one.
      if (joint.indexOf(END) >= 0 && joint.indexOf(END) < carry.length) ended += 1;
      for (let at = chunk.indexOf(END); at >= 0; at = chunk.indexOf(END, at + END.length)) ended += 1;
      carry =
        chunk.length >= END.length - 1
          ? chunk.subarray(1 - END.length)
          : Buffer.concat([carry, chunk]).subarray(1 - END.length);
      if (ended === total) finish();
      else ask();
      return undefined;
    });
  });
}
