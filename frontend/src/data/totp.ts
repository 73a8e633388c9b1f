import { useQuery } from '@tanstack/react-query';
import { getTotp } from '../api/totp';
import { keys } from './keys';

export const useTotp = () => useQuery({ queryKey: keys.totp, queryFn: getTotp });
