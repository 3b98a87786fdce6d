/** node-red-node-email: its own "e-mail in" node, started by an input message, in the little of Node-RED that it asks for. */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { addMessage, digestOf, newTally } from '../sink.mjs';
import { runReader } from '../../child.mjs';

const require = createRequire(import.meta.url);

/** Node classes by the name that a flow gives them. */
function nodeTypes() {
  const types = new Map();
  require('node-red-node-email/61-email.js')({
    nodes: {
      createNode(node, { credentials }) {
        Object.assign(node, { credentials, status() {} }, emitterOf(node));
      },
      registerType: (name, type) => types.set(name, type),
    },
    util: {
      cloneMessage: (message) => structuredClone(message),
      getMessageProperty: (message, name) => message[name],
    },
    _: (text) => text,
  });
  return types;
}

function emitterOf(node) {
  const emitter = new EventEmitter();
  return {
    on: emitter.on.bind(emitter),
    emit: emitter.emit.bind(emitter),
    send: (message) => node.output(message),
  };
}

await runReader(({ imap, folder, warmFolder, address, password, expected }) => {
  const EmailIn = nodeTypes().get('e-mail in');
  const receive = (box, count) =>
    new Promise((resolve, reject) => {
      const tally = newTally();
      const node = Object.create({
        output({ header, payload, attachments }) {
          const files = attachments.map(({ content }) => content);
          addMessage(tally, { messageId: header['message-id'], text: payload, attachments: files });
          if (tally.lines.length === count) resolve(digestOf(tally));
        },
        error: (message) => reject(new Error(String(message))),
      });
      const settings = {
        protocol: 'IMAP',
        server: imap.host,
        port: imap.port,
        useSSL: true,
        autotls: 'never',
        box,
        disposition: 'None',
        criteria: 'ALL',
        inputs: 1,
        fetch: 'trigger',
        credentials: { userid: address, password },
      };
      EmailIn.call(node, settings);
      node.emit('input', {}, undefined, (error) => {
        if (error) reject(error);
      });
    });
  return {
    warm: () => receive(warmFolder, 1),
    read: () => receive(folder, expected.messages),
  };
});
