import { createContext, use } from 'react';
import type { LiveStatus } from './connection';

export const LiveStatusContext = createContext<LiveStatus>('connecting');

export const useLiveStatus = () => use(LiveStatusContext);
