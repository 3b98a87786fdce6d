/** Hands the texts down to every part of the page. */
import { createContext, useContext } from 'react';
import { createTexts, type Texts } from './texts.js';

export const TextsContext = createContext<Texts>(createTexts({}, 'en'));

export const useTexts = (): Texts => useContext(TextsContext);
