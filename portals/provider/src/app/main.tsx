import { begin } from '@shared/shell/begin';
import { RouterProvider } from '@tanstack/react-router';
import { makeRouter } from './router';

void begin(() => <RouterProvider router={makeRouter()} />);
