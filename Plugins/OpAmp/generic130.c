/* generic130.c: a self-written pair of generic 130 nm-class 1.8 V BSIM4 cards, round textbook values and no foundry's,
 * so that the plugin needs no process design kit. */
#include "opamp.h"

const char generic130_cards[] =
  "\n"
  "* Self-written generic 130-nm-class 1.8 V CMOS cards (BSIM4 v4.5, round textbook values, not any foundry's).\n"
  ".model nfet.1 nmos\n"
  "+ lmin=1e-07 lmax=1e-04 wmin=1e-07 wmax=1e-03 level=54 version=4.5 mobmod=0 capmod=2 rdsmod=0 diomod=1\n"
  "+ tnom=27 toxe=4.1e-9 toxm=4.1e-9 xj=1.5e-7 ndep=2e17 vth0=0.50 k1=0.5 k2=-0.02 dvt0=1.5 dvt1=0.6 lpe0=8e-8\n"
  "+ u0=0.034 ua=-5e-10 ub=1.6e-18 uc=4e-11 vsat=9e4 a0=1.2 ags=0.3 keta=-0.01 rdsw=80 voff=-0.1 nfactor=1.6\n"
  "+ eta0=0.05 etab=-0.05 dsub=0.5 pclm=0.4 pdiblc1=0.3 pdiblc2=0.003 drout=0.5 lint=1e-8 wint=1e-8\n"
  "+ cgso=2.5e-10 cgdo=2.5e-10 cf=1.4e-12 cjs=1.3e-3 mjs=0.44 pbs=0.75\n"
  "+ cjsws=4e-11 mjsws=0.1 cjswgs=2.4e-10 mjswgs=0.8\n"
  ".model pfet.1 pmos\n"
  "+ lmin=1e-07 lmax=1e-04 wmin=1e-07 wmax=1e-03 level=54 version=4.5 mobmod=0 capmod=2 rdsmod=0 diomod=1\n"
  "+ tnom=27 toxe=4.2e-9 toxm=4.2e-9 xj=1.5e-7 ndep=2e17 vth0=-0.60 k1=0.5 k2=0.01 dvt0=1.5 dvt1=0.6 lpe0=8e-8\n"
  "+ u0=0.009 ua=1e-9 ub=1e-18 uc=-3e-11 vsat=8e4 a0=1.0 ags=0.2 keta=-0.01 rdsw=350 voff=-0.11 nfactor=1.7\n"
  "+ eta0=0.08 etab=-0.05 dsub=0.5 pclm=0.6 pdiblc1=0.3 pdiblc2=0.003 drout=0.5 lint=1e-8 wint=1e-8\n"
  "+ cgso=2.5e-10 cgdo=2.5e-10 cf=1.4e-12 cjs=7.4e-4 mjs=0.34 pbs=0.69\n"
  "+ cjsws=1e-10 mjsws=0.3 cjswgs=2.5e-10 mjswgs=0.8\n";
