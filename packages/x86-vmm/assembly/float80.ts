/* The x87's kernels by their export names; src/cpu/semantics/x87*.ts call them. */
export {
  fadd, faddF32, faddF64, faddInteger, fdiv, fdivF32, fdivF64, fdivInteger, fdivr, fdivrF32, fdivrF64, fdivrInteger, fmul, fmulF32, fmulF64, fmulInteger,
  fsqrt, fsub, fsubF32, fsubF64, fsubInteger, fsubr, fsubrF32, fsubrF64, fsubrInteger,
} from './float80-arithmetic';
export { fcom, fcomF32, fcomF64, fcomInteger, fcomi, ftst, fucom, fucomi, fxam } from './float80-compare';
export { fldcw, fnclex, fninit } from './float80-control';
export { fprem, fprem1, frndint, fscale, fxtract } from './float80-integer';
export {
  fabs, fbld, fbstp, fchs, fcmov, ffree, fildInteger, fistI16, fistI32, fistpI64, fisttpI16, fisttpI32, fisttpI64, fld, fld1, fldF32, fldF64, fldF80, fldl2e, fldl2t, fldlg2, fldln2,
  fldpi, fldz, fst, fstF32, fstF64, fstpF80, fstpnce, fturn, fxch,
} from './float80-move';
export { followError as fpuFollowError, setStatus as fpuSetStatus } from './float80-state';
export { f2xm1, fyl2x, fyl2xp1 } from './float80-logarithm';
export { fcos, fpatan, fptan, fsin, fsincos } from './float80-trigonometry';
