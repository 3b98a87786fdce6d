/** The contract of the state port, held against every implementation that can run here. */
import { openMemoryState } from '../../src/state/index.js';
import { describeContract } from './contract.js';

describeContract('memory', (now) => Promise.resolve(openMemoryState({ now })));
