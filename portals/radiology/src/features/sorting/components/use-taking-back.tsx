import { refused, told } from '@shared/feedback/toasts';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';

/** Say what was done, and offer to take it back. */
export function useTakingBack(): (done: string, undo: () => Promise<unknown>) => void {
  const queries = useQueryClient();
  return (done, undo) => {
    const takeBack = async () => {
      try {
        await undo();
        told('Taken back');
        await queries.invalidateQueries({ queryKey: ['studies', 'list'] });
      } catch (error) {
        refused(error, 'Not taken back');
      }
    };
    told(done, {
      label: 'Undo',
      icon: <IconArrowBackUp size={14} />,
      act: () => void takeBack(),
    });
  };
}
