/** Documentation of failures by code, from the manifest. */
import { createContext } from 'react';

export const FailureLinks = createContext<ReadonlyMap<string, string>>(new Map());
