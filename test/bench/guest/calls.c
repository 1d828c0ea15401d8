/* Calls and returns, jumps through a table, calls through pointers. */
#include "kernels.h"

__attribute__((noinline, noclone, optimize("no-optimize-sibling-calls"))) static u32 fibonacci(u32 n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

u32 fib(void) {
  return fibonacci(24);
}

/* A machine with an accumulator, four variables and a loop, whose every instruction jumps to the next by a computed goto. */
u32 interpreter(void) {
  enum { LOAD, STORE, ADD, XOR, SHIFT, IMMEDIATE, LOOP, END };
  static const void *const labels[] = {&&load, &&store, &&add, &&xor, &&shift, &&immediate, &&loop, &&end};
  static const u8 program[] = {LOAD, 0, ADD,   1, STORE, 0, XOR, 2, SHIFT, 3, STORE,     1, IMMEDIATE, 77, ADD,  0,
                               XOR,  1, STORE, 2, LOAD,  1, ADD, 2, XOR,   0, IMMEDIATE, 5, STORE,     0,  LOOP, 0, END};
  u32 variables[4] = {1, 2, 3, 4}, accumulator = 0, left = 20000;
  const u8 *at = program;
#define NEXT goto *labels[*at]
  NEXT;
load:
  accumulator = variables[at[1]];
  at += 2;
  NEXT;
store:
  variables[at[1]] = accumulator;
  at += 2;
  NEXT;
add:
  accumulator += variables[at[1]];
  at += 2;
  NEXT;
xor:
  accumulator ^= variables[at[1]];
  at += 2;
  NEXT;
shift:
  accumulator = accumulator << at[1] | accumulator >> (32 - at[1]);
  at += 2;
  NEXT;
immediate:
  accumulator = accumulator * 33 + at[1];
  at += 2;
  NEXT;
loop:
  at = --left ? program : at + 2;
  NEXT;
end:
  return accumulator ^ variables[1];
}

struct shape;
typedef u32 method(struct shape *shape, u32 argument);
struct shape {
  method *measure;
  u32 size;
};

#define METHOD(name, expression) \
  __attribute__((noinline)) static u32 name(struct shape *shape, u32 argument) { return shape->size = (expression); }
METHOD(grow, shape->size + argument)
METHOD(turn, shape->size << 5 | shape->size >> 27)
METHOD(fold, shape->size ^ (argument >> 1))
METHOD(shrink, shape->size - (argument | 1))

u32 indirect(void) {
  static method *const methods[] = {grow, turn, fold, shrink};
  struct shape shapes[64];
  u32 state = 5, sum = 0;
  for (u32 i = 0; i < 64; i++) shapes[i] = (struct shape){methods[next_random(&state) & 3], i};
  for (u32 round = 0; round < 5000; round++)
    for (u32 i = 0; i < 64; i++) sum += shapes[i].measure(shapes + i, sum);
  return sum;
}
