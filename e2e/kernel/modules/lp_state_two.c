// SPDX-License-Identifier: GPL-2.0
#define LAB_STATE_VERSION 2
#include "lp-state.h"
