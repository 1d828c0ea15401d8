/* Entry of the decode worker, here so that the bundler gives it a file of its own. */
import '@millwright/remote-display/client/decode-worker';
