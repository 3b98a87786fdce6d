/** What other rooms may use of this one. */
export { untilAborted } from './abort.js';
export { exchangeHttps, type HttpsAnswer, type HttpsRequest } from './https-exchange.js';
export { HttpsClient, type CallStage, type HttpsCall, type HttpsReply } from './https-client.js';
export { standsAfter } from './held-end.js';
export { networkFailure } from './failures.js';
export { attachTap, browserUrl, routeTo, type NetPolicy, type Route } from './policy.js';
export { assertPolicy } from './policy-rules.js';
export { proxyFromEnvironment, type ProxyPolicy } from './proxy.js';
export { startOf } from './tunnel.js';
export { probeHttps, probeImplicitTls, probeSmtpStartTls, type ServerLook } from './probe.js';
export type { Tap, TranscriptEntry } from './transcript/entry.js';
export { listenToGraph, listenToMail, type GraphListener, type MailListener } from './transcript/recorder.js';
export { Secrets } from './transcript/secrets.js';
