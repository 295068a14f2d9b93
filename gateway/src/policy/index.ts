export { type Decision, decide, decidePurpose } from "./decide.ts";
