import { useQuery } from '@tanstack/react-query';
import { getDiscovered } from '../api/discovered';
import { keys } from './keys';

// A device is often switched on while the list is open.
const ASK_AGAIN_MS = 5_000;

export const useDiscovered = () =>
  useQuery({ queryKey: keys.discovered, queryFn: getDiscovered, refetchInterval: ASK_AGAIN_MS });
