// In the order of the source: by default an entry's id is a hash of its full path, so that the bundle
// would differ with the folder it was built in.
module.exports = { optimization: { moduleIds: 'natural' } };
