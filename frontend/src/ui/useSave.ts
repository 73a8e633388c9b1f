/** A mutation that refetches the affected queries and shows a toast. */
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { notify } from './toasts';

interface Save<Input, Answer> {
  send: (input: Input) => Promise<Answer>;
  refresh?: QueryKey[];
  /** The text of the toast; undefined for none. */
  done: (input: Input) => string | undefined;
  onDone?: (answer: Answer) => void;
}

export function useSave<Input, Answer>({ send, refresh = [], done, onDone }: Save<Input, Answer>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: async (answer, input) => {
      await Promise.all(refresh.map((queryKey) => cache.invalidateQueries({ queryKey })));
      const message = done(input);
      if (message) notify(message);
      onDone?.(answer);
    },
  });
}
