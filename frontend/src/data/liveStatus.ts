import { createContext, use } from 'react';
import type { LiveStatus } from '../live/connection';

export type { LiveStatus };

export const LiveStatusContext = createContext<LiveStatus>('connecting');

export const useLiveStatus = () => use(LiveStatusContext);
